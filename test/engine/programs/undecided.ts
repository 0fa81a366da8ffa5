/** The program itself, with an image that is not known yet. */
import "./withholding.ts";

export { default } from "../../../index.ts";
