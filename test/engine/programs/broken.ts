/** The program itself, with one thing wrong. */
import "./breaking.ts";

export { default } from "../../../index.ts";
