/**
 * oidc-provider warns of any Node whose release has no LTS label yet, which 24.9
 * has not; in the output of the demo that looks like a fault. Other warnings pass.
 */
const { warn } = console
console.warn = (...line: unknown[]) => {
  if (!String(line[0]).includes('Unsupported runtime')) warn(...line)
}
export const { Provider, errors } = await import('oidc-provider')
console.warn = warn
