/**
 * The service model of Amazon GameLift, as far as the emulator answers: every operation's members with their constraints,
 * and the errors that it may answer with. `scripts/api-model.ts` makes `model.json`.
 * @module
 */
import modelJson from "./model.json" with { type: "json" };

type ShapeType =
  | "structure"
  | "list"
  | "map"
  | "string"
  | "integer"
  | "long"
  | "float"
  | "double"
  | "timestamp";

export interface Shape {
  readonly type: ShapeType;
  /** Of a structure: names of their shapes. */
  readonly members?: Readonly<Record<string, string>>;
  readonly required?: readonly string[];
  /** Of a list. */
  readonly member?: string;
  /** Of a map. */
  readonly key?: string;
  readonly value?: string;
  /** Characters of a string, elements of a list, or the value of a number. */
  readonly min?: number;
  readonly max?: number;
  /** The whole string has to match, whether it is anchored or not. */
  readonly pattern?: string;
  readonly enum?: readonly string[];
  /** Its value is not for logs and messages. */
  readonly sensitive?: boolean;
}

export interface OperationModel {
  readonly input: string;
  /** Nothing when the answer is always empty. */
  readonly output?: string;
  /** Types of errors, such as `NotFoundException`. Service-wide ones come on top. */
  readonly errors: readonly string[];
}

export interface ApiModel {
  /** Every operation that the service has. */
  readonly names: readonly string[];
  /** Those that are emulated. */
  readonly operations: Readonly<Record<string, OperationModel>>;
  readonly shapes: Readonly<Record<string, Shape>>;
}

const model = modelJson as ApiModel;

/** @returns Nothing for an operation that is not emulated. */
export function operationModel(name: string): OperationModel | undefined {
  return Object.hasOwn(model.operations, name) ? model.operations[name] : undefined;
}

/** Whether the service has it, emulated or not. */
export function isOperation(name: string): boolean {
  return model.names.includes(name);
}

export function emulatedOperations(): readonly string[] {
  return Object.keys(model.operations);
}

/** @throws Error for a name that the model does not have. */
export function shapeNamed(name: string): Shape {
  const shape = model.shapes[name];
  if (shape === undefined) throw new Error(`The model has no shape ${name}.`);
  return shape;
}
