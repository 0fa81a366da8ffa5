/** What looks like a credential. Findings never show it. */
import { hasPasswordInUrl } from "../domain/target.ts";

/** Whole words at the end of a variable's name: `MAX_TOKENS` and `KEYBOARD` are none. */
const name =
  /(?:^|_)(?:SECRET|TOKEN|PASSWORD|PASSWD|PASSPHRASE|CREDENTIALS?|DSN|KEY|APIKEY|PRIVATE_KEY|CONNECTION_STRING)$/i;

const forms: readonly RegExp[] = [
  /-----BEGIN [A-Z ]*PRIVATE KEY-----/,
  /\bAIza[0-9A-Za-z_-]{35}/, // Google API keys
  /\b(?:sk|pk|rk)[-_](?:[a-z]+[-_])?[0-9A-Za-z]{20,}/, // OpenAI, Stripe
  /\bgh[pousr]_[0-9A-Za-z]{30,}/, // GitHub
  /\bxox[abprs]-[0-9A-Za-z-]{10,}/, // Slack
  /\bAKIA[0-9A-Z]{16}\b/, // AWS
  /\beyJ[0-9A-Za-z_-]{8,}\.eyJ[0-9A-Za-z_-]{8,}\./, // JSON web tokens, such as Supabase's keys
];

export function isSecretName(variable: string): boolean {
  return name.test(variable);
}

export function looksLikeKey(text: string): boolean {
  return hasPasswordInUrl(text) || forms.some((form) => form.test(text));
}
