/**
 * One value for the whole process. Next bundles a module once for pages and once for route handlers, so each variable
 * of a module exists twice, and so would each cache.
 */
export function perProcess<T>(name: string, make: () => T): { value: T } {
  const shared = globalThis as typeof globalThis & { __cutover?: Map<string, { value: unknown }> }
  shared.__cutover ??= new Map()
  const known = shared.__cutover.get(name)
  if (known) return known as { value: T }
  const made = { value: make() }
  shared.__cutover.set(name, made)
  return made
}
