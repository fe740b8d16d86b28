import type { Finding } from './finding'

const width = 'auth0_management_scopes'.length

/** One line about a check. A second one says where to change the setting. */
export function describeFinding(finding: Finding): string {
  const { state, code, text } = finding
  const line = `${state.padEnd(10)}${code.padEnd(width + 2)}${text}`
  const where = 'where' in finding && finding.where
  return where ? `${line}\n${' '.repeat(width + 12)}-> ${where}` : line
}

export function describeCounts(findings: readonly Finding[]): string {
  const count = (state: Finding['state']) => findings.filter((each) => each.state === state).length
  const plural = (state: 'problem' | 'warning') =>
    `${count(state)} ${state}${count(state) === 1 ? '' : 's'}`
  return `${count('ok')} ok, ${plural('problem')}, ${plural('warning')}, ${count('unchecked')} not checked`
}

/** 0: every check is fine. 1: there is a problem. 2: there is none, but a check could not be made. */
export function exitCode(findings: readonly Finding[]): 0 | 1 | 2 {
  if (findings.some(({ state }) => state === 'problem')) return 1
  return findings.some(({ state }) => state === 'unchecked') ? 2 : 0
}
