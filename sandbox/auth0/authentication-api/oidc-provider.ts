/**
 * oidc-provider warns about every Node release that is not an LTS release yet, such as 24.9. In the
 * output of the demo, the warning looks like a fault. Other warnings are printed.
 */
const { warn } = console
console.warn = (...line: unknown[]) => {
  if (!String(line[0]).includes('Unsupported runtime')) warn(...line)
}
export const { Provider, errors, interactionPolicy } = await import('oidc-provider')
console.warn = warn
