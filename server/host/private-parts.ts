import { type Ref, StateView } from "@colyseus/schema";

/** Somebody whom a room's state goes to. */
interface Reader {
  view?: StateView | undefined;
}

/**
 * Lets a client see the `.view()` fields of its own parts of the state, of those alone. A view is one client's: Colyseus
 * tells what is added to a shared one to whoever comes first, and to nobody else.
 */
export function showPrivateParts(client: Reader, parts: readonly object[]): void {
  hidePrivateParts(client);
  const view = new StateView();
  for (const part of parts) view.add(part as Ref);
  client.view = view;
}

/** Colyseus gives a view's number to the next one, with whatever it was shown and is not taken back here. */
export function hidePrivateParts(client: Reader): void {
  client.view?.dispose();
  client.view = undefined;
}
