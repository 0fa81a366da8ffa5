import type { Listing, Records, Stored } from "./store.ts";

/** A whole list, page by page: between two pages others have their turn. @throws StoreError */
export async function* pages(records: Records, listing: Omit<Listing, "after">): AsyncGenerator<readonly Stored[]> {
  let after: string | undefined;
  do {
    const page = await records.list(after === undefined ? listing : { ...listing, after });
    yield page;
    after = page.length < listing.limit ? undefined : page.at(-1)?.id;
  } while (after !== undefined);
}
