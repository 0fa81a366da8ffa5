/** How Cloud Scheduler proves who it is: never both, never neither. */
export type Token = { readonly kind: "oauth" } | { readonly kind: "oidc"; readonly audience: string };

/**
 * The token a target takes: Google's own APIs take OAuth, everything else, such as a Cloud Run service, OIDC, whose
 * audience is the service's origin, without path and without a slash at the end.
 * The other way round the call is answered with 401.
 * https://docs.cloud.google.com/scheduler/docs/http-target-auth (November 2026)
 */
export function tokenFor(uri: string): Token {
  const { hostname, origin } = new URL(uri);
  return isGoogleApi(hostname) ? { kind: "oauth" } : { kind: "oidc", audience: origin };
}

function isGoogleApi(hostname: string): boolean {
  return hostname.endsWith(".googleapis.com");
}

/**
 * The URI as Cloud Scheduler stores it: a bare host gets a slash, without which every preview would show a difference
 * (https://github.com/GoogleCloudPlatform/magic-modules/pull/6158).
 */
export function targetUri(url: string): string {
  return new URL(url).href;
}

/** A URL with a password, anywhere in a text: `mongodb+srv://user:pass@host`. */
export function hasPasswordInUrl(text: string): boolean {
  return /:\/\/[^\s/?#@]*:[^\s/?#]*@/.test(text);
}

/** What must not be in any address that is called, without showing it: it may hold a secret. */
export function exposedIn(url: URL): readonly string[] {
  const reasons: string[] = [];
  if (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "") {
    reasons.push("it holds credentials, a query or a fragment, which previews, states and logs would show");
  }
  if (url.protocol !== "https:") reasons.push("it is not https, and the token would travel in the open");
  return reasons;
}

/** What is wrong with the URL of a service to call, or `undefined`. Says no more of it than its host: it may hold a secret. */
export function serviceUrlProblem(text: string): { problem: string; remedy: string } | undefined {
  const url = URL.parse(text);
  const remedy = "Give the service's https URL as `gcloud run services describe` prints it.";
  if (url === null) return { problem: "the text is not a URL.", remedy };
  const reasons = [...exposedIn(url)];
  if (isGoogleApi(url.hostname)) {
    reasons.push(`${url.hostname} is one of Google's APIs, and a round calls a service`);
  }
  if (reasons.length === 0) return undefined;
  return {
    problem: `the URL cannot be called: ${reasons.join("; ")}.`,
    remedy: `${remedy} The OIDC token is all it needs.`,
  };
}
