import { expect, test } from "vitest";
import { serviceUrlProblem, targetUri, tokenFor } from "../../domain/target.ts";

test.each<[uri: string, token: "oauth" | "oidc"]>([
  ["https://run.googleapis.com/v2/projects/p/locations/r/jobs/j:run", "oauth"],
  ["https://us-central1-run.googleapis.com/apis/run.googleapis.com/v1/namespaces/p/jobs/j:run", "oauth"],
  ["https://careflow-agent-abc123-uc.a.run.app/", "oidc"],
  ["https://googleapis.com.example.com/", "oidc"],
])("%s takes a token of the kind %s; the other one is answered with 401", (uri, token) => {
  expect(tokenFor(uri).kind).toBe(token);
});

test("an audience is the origin: with a path or a slash at the end Cloud Run refuses the token", () => {
  expect(tokenFor("https://careflow.example/rounds/")).toHaveProperty("audience", "https://careflow.example");
  expect(tokenFor("https://careflow.example:8443/")).toHaveProperty("audience", "https://careflow.example:8443");
});

test("a bare host is given the slash that Cloud Scheduler stores, a path is left as it is", () => {
  expect(targetUri("https://careflow.example")).toBe("https://careflow.example/");
  expect(targetUri("https://careflow.example/rounds")).toBe("https://careflow.example/rounds");
});

test.each(["https://careflow-agent-abc123-uc.a.run.app", "https://careflow.example/rounds"])(
  "%s can be called",
  (url) => {
    expect(serviceUrlProblem(url)).toBeUndefined();
  },
);

test.each(["user@", "user:hunter2@", ":hunter2@"])("credentials such as %s have no place in a URL", (credentials) => {
  expect(serviceUrlProblem(`https://${credentials}careflow.example`)?.problem).toContain("credentials");
});

test.each(["?token=hunter2", "#hunter2"])("%s has no place in a URL", (end) => {
  expect(serviceUrlProblem(`https://careflow.example/${end}`)?.problem).toContain("a query or a fragment");
});

test("everything that is wrong with a URL is said at once, and nothing of it shown", () => {
  const found = serviceUrlProblem("http://user:hunter2@run.googleapis.com/?key=hunter2#hunter2");
  expect(found?.problem).toMatch(/credentials.*; it is not https.*; run\.googleapis\.com is one of Google's APIs/);
  expect(JSON.stringify(found)).not.toContain("hunter2");
});
