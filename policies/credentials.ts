/** What looks like a credential. Findings never show it. */
import { hasPasswordInUrl } from "../domain/target.ts";

/** Whole words at the end of a variable's name: `MAX_TOKENS` and `KEYBOARD` are none. */
const name =
  /(?:^|_)(?:SECRET|TOKEN|PASS|PASSWORD|PASSWD|PWD|PASSPHRASE|CREDENTIALS?|DSN|KEY|APIKEY|PRIVATE_KEY|CONNECTION_STRING)$/i;

const forms: readonly RegExp[] = [
  /-----BEGIN [A-Z ]*PRIVATE KEY-----/,
  /\bAIza[0-9A-Za-z_-]{35}/, // Google API keys
  /\b(?:sk|pk|rk)[-_](?:[a-z]+[-_])?[0-9A-Za-z]{20,}/, // OpenAI, Stripe
  /\bsk-(?:ant|proj|svcacct|admin)-[0-9A-Za-z_-]{12,}/, // Anthropic, OpenAI
  /\bgh[pousr]_[0-9A-Za-z]{30,}/, // GitHub
  /\bgithub_pat_[0-9A-Za-z_]{20,}/,
  /\bGOCSPX-[0-9A-Za-z_-]{20,}/, // Google OAuth clients
  /\bSG\.[0-9A-Za-z_-]{16,}\.[0-9A-Za-z_-]{16,}/, // SendGrid
  /\bSK[0-9a-f]{32}\b/, // Twilio
  /\bxox[abprs]-[0-9A-Za-z-]{10,}/, // Slack
  /\bAKIA[0-9A-Z]{16}\b/, // AWS
  /\beyJ[0-9A-Za-z_-]{8,}\.eyJ[0-9A-Za-z_-]{8,}\./, // JSON web tokens, such as Supabase's keys
];

/** Of a variable, an argument or a header: `dbPassword`, `--db-password` and `DB_PASSWORD_2` are the same to it. */
export function isSecretName(variable: string): boolean {
  const words = variable
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .replace(/[^A-Za-z0-9]+/g, "_")
    .replace(/_?\d+$/, "");
  return name.test(words);
}

export function looksLikeKey(text: string): boolean {
  return hasPasswordInUrl(text) || forms.some((form) => form.test(text));
}
