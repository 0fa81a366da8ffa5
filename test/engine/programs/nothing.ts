/** A program that declares nothing: no scenario may pass with it. */
export default {};
