import { describe, expect, test } from "vitest";
import { imageProblem, parseImage } from "../../domain/image.ts";

const host = "us-central1-docker.pkg.dev";
const digest = `sha256:${"0a".repeat(32)}`;

describe("a reference is taken apart", () => {
  test.each<[string, path: string, tag: string | undefined, digest: string | undefined]>([
    [`${host}/p/r/x:prod`, "p/r/x", "prod", undefined],
    [`${host}/p/r/x@${digest}`, "p/r/x", undefined, digest],
    [`${host}/p/r/x:v1.2_3-rc@${digest}`, "p/r/x", "v1.2_3-rc", digest],
    [`${host}/example.com/p/r/x:1`, "example.com/p/r/x", "1", undefined],
    [`${host}/p/r/a_b/c__d/e--f:1`, "p/r/a_b/c__d/e--f", "1", undefined],
  ])("%s", (text, path, tag, digest) => {
    expect(parseImage(text)).toEqual({ host, path, tag, digest });
    expect(imageProblem(text)).toBeUndefined();
  });
});

test.each([
  "dental",
  "library/python:3",
  `${host}/P/r/x:1`,
  `${host}/p/r/x:`,
  `${host}/p/r/x@sha256:0a`,
  `${host}/p/r/x@md5:0a`,
  `${host}/p//x:1`,
  `${host}/p/r/-x:1`,
  `${host}/p/r/x:1 `,
  `https://${host}/p/r/x:1`,
])("%j is no reference", (text) => {
  expect(parseImage(text)).toBeUndefined();
  expect(imageProblem(text)?.problem).toContain("not an image's reference");
});

test("a reference as long as a page is judged at once", () => {
  expect(parseImage(`${host}/${"a-".repeat(20_000)}`)).toBeUndefined();
});

test("a host and port is a host: a registry of one's own", () => {
  expect(parseImage("registry.example.com:5000/x:1")?.host).toBe("registry.example.com:5000");
});

test.each(["gcr.io", "us.gcr.io", "eu.gcr.io"])("%s is shut down, and its successor is named", (gone) => {
  expect(imageProblem(`${gone}/p/x:prod`)).toEqual({
    problem: expect.stringContaining("18 March 2025"),
    remedy: expect.stringContaining("docker.pkg.dev"),
  });
});

test("a host that only ends like Container Registry is not it", () => {
  expect(imageProblem("notgcr.io/p/x:prod")).toBeUndefined();
});
