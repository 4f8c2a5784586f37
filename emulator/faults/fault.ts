import type { ControlPlane } from "../plane/control-plane.ts";
import type { Happening } from "../plane/happenings.ts";
import { done, isRefused, type Outcome } from "../plane/outcome.ts";
import { type Mistake, type Path, type Rules, readMembers, type Values } from "./members.ts";
import type { StandingFaults } from "./standing-faults.ts";
import type { Targets } from "./targets.ts";
import type { WireConnections } from "./wire-faults.ts";

/** What a fault did to one thing; told as a happening. */
export type Effect = Omit<Happening, "sequence" | "atMs" | "kind"> & { readonly detail: string };

/** What faults work on. */
export interface FaultGround {
  readonly plane: ControlPlane;
  readonly standing: StandingFaults;
  readonly targets: Targets;
  /** `undefined` where no Server SDK service runs. */
  readonly connections: () => WireConnections | undefined;
}

/** A fault that was read and is right in itself. */
export interface FaultOrder {
  readonly name: string;
  apply(ground: FaultGround): Outcome<readonly Effect[]>;
}

export interface FaultKind {
  /** One sentence for whoever asks what there is. */
  readonly about: string;
  readonly rules: Rules;
  read(
    name: string,
    object: Readonly<Record<string, unknown>>,
    path: Path,
    mistakes: Mistake[],
  ): FaultOrder | undefined;
}

/** One kind of fault: its members, and what it does with them. */
export function faultKind<R extends Rules>(
  about: string,
  rules: R,
  apply: (values: Values<R>, ground: FaultGround) => Outcome<readonly Effect[]>,
): FaultKind {
  return {
    about,
    rules,
    read(name, object, path, mistakes) {
      const values = readMembers(object, rules, path, mistakes);
      return values && { name, apply: (ground) => apply(values, ground) };
    },
  };
}

/** Does it to each; refused, as the first one was, only when it could be done to none. */
export function toEach<T>(
  things: readonly T[],
  act: (thing: T) => Outcome<Effect>,
): Outcome<readonly Effect[]> {
  const outcomes = things.map(act);
  const effects = outcomes.flatMap((outcome) => (isRefused(outcome) ? [] : [outcome.value]));
  const refusal = outcomes.find(isRefused);
  return effects.length === 0 && refusal !== undefined ? refusal : done(effects);
}
