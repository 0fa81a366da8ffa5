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

/** The same for whoever reads all of them: while a page is looked at, the next one is on its way. @throws StoreError */
export async function* pagesAhead(
  records: Records,
  listing: Omit<Listing, "after">,
): AsyncGenerator<readonly Stored[]> {
  let next: Promise<readonly Stored[]> | undefined = records.list(listing);
  while (next !== undefined) {
    const page: readonly Stored[] = await next;
    const after = page.length < listing.limit ? undefined : page.at(-1)?.id;
    next = after === undefined ? undefined : records.list({ ...listing, after });
    // Heard by whoever comes for it; who leaves before need not hear.
    next?.catch(() => {});
    yield page;
  }
}
