/** A symbol, so that apps may put whatever they like on such an object. */
export const PLATFORM: unique symbol = Symbol("platform");

/** An object of ours that the app takes for one of the platform's. */
export interface StandIn<T> {
  /** The platform's object of the same content, made when somebody asks for what only it has; the same each time. */
  readonly [PLATFORM]: T;
}

const PROTOTYPES = new Set<unknown>();

/**
 * Has objects of `prototype` answer by the platform's object whatever it does not answer itself, and makes them instances of the platform's class. As
 * on the platform, who lists the members of such an object finds them, and who writes over a method does so for one object.
 */
export function standIn<T extends object>(prototype: StandIn<T>, platformPrototype: T): void {
  for (const [name, member] of Object.entries(Object.getOwnPropertyDescriptors(platformPrototype))) {
    if (name === "constructor") continue;
    const own = Object.getOwnPropertyDescriptor(prototype, name);
    const key = name as keyof T;
    const answer = own ?? (member.get === undefined ? methodOf(key) : accessorOf(key));
    Object.defineProperty(prototype, name, { ...answer, enumerable: member.enumerable ?? false });
  }
  Object.defineProperty(prototype, "constructor", { configurable: true, get: () => platformPrototype.constructor });
  Object.setPrototypeOf(prototype, platformPrototype);
  PROTOTYPES.add(prototype);
}

/** What the platform takes for its own: the object that `value` stands for, or else `value`. */
export function platformOf(value: unknown): unknown {
  const isStandIn = typeof value === "object" && value !== null && PROTOTYPES.has(Object.getPrototypeOf(value));
  return isStandIn ? (value as StandIn<unknown>)[PLATFORM] : value;
}

function methodOf<T>(name: keyof T): PropertyDescriptor & ThisType<StandIn<T>> {
  return {
    configurable: true,
    writable: true,
    value(...values: unknown[]): unknown {
      return (this[PLATFORM][name] as (...given: unknown[]) => unknown)(...values);
    },
  };
}

function accessorOf<T>(name: keyof T): PropertyDescriptor & ThisType<StandIn<T>> {
  return {
    configurable: true,
    get(): unknown {
      return this[PLATFORM][name];
    },
  };
}
