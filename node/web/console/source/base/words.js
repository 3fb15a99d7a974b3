/// All texts, one table: a row a text, a column a language.
import { networkWords } from "./network_words.js";
import { viewWords } from "./view_words.js";

export const words = { ...viewWords, ...networkWords };
