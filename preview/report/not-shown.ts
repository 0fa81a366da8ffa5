/** What a preview cannot know, said under every one. */
export const NOT_SHOWN =
  "This is not `pulumi preview`: nothing was compared with what is deployed, and neither Google nor its provider checked " +
  "a value. It shows what the program declares with these settings, as if for the first time.";
