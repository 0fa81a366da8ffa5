/** What scenarios say about a command's result. */
import { expect } from "vitest";
import type { Result, Step } from "../support/engine/pulumi.ts";

/** Steps that changed something, without the components, which are only names. */
export function changes({ steps }: Result): readonly Step[] {
  return steps.filter(({ op, type }) => !["same", "read", "refresh"].includes(op) && isDeclared(type));
}

/** `create dental-start.weekday`, sorted. */
export function changed(result: Result): readonly string[] {
  return changes(result)
    .map(({ op, name }) => `${op} ${name}`)
    .sort();
}

export function expectUnchanged(result: Result): void {
  expect(result.code, result.stderr).toBe(0);
  expect(changed(result)).toEqual([]);
  // A program that declares nothing changes nothing either.
  expect(result.steps.filter(({ type }) => isDeclared(type)).length).toBeGreaterThan(0);
}

/** A resource of a provider, as opposed to the stack, its components and its providers. */
export const isDeclared = (type: string): boolean => /^(gcp|random):/.test(type);
