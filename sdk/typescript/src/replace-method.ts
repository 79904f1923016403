type Method = (this: unknown, ...values: unknown[]) => unknown;

/** Puts another method in the place of one of the platform's, to which it may hand on. */
export function replaceMethod(owner: object, name: string, makeOther: (method: Method) => Method): void {
  Reflect.set(owner, name, makeOther(Reflect.get(owner, name) as Method));
}
