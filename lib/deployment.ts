import type { Config } from './config'

/** A deployment that works, but is most likely a mistake. `code` is stable. */
type Warning = { code: 'test_keys_on_public_address'; text: string }

/** The services that this app is connected to. It has no secrets, so everybody may read it. */
export type Deployment = {
  environment: 'sandbox' | 'test' | 'live'
  stytchProject: string
  warning: Warning | null
}

export function readDeployment({ sandbox, appBaseUrl, stytch }: DeploymentConfig): Deployment {
  return {
    environment: sandbox ? 'sandbox' : stytch.kind,
    stytchProject: stytch.projectId,
    warning: stytch.kind === 'test' && isPublicAddress(appBaseUrl) ? testKeysWarning : null,
  }
}

type DeploymentConfig = Pick<Config, 'sandbox' | 'appBaseUrl'> & {
  stytch: Pick<Config['stytch'], 'kind' | 'projectId'>
}

const testKeysWarning: Warning = {
  code: 'test_keys_on_public_address',
  text: 'This app runs on the keys of a Stytch test project, at an address that others can open. In production, set STYTCH_PROJECT_ENV=live and use the live keys.',
}

/** True for an https address that is not of this machine or of its local network's names. */
function isPublicAddress(url: string): boolean {
  const { protocol, hostname } = new URL(url)
  const isLocal =
    hostname === '[::1]' ||
    /^127(\.\d+){3}$/.test(hostname) ||
    /(^|\.)(localhost|local|test|internal)$/.test(hostname)
  return protocol === 'https:' && !isLocal
}

/** The lines that the server prints when it starts. A frame around the warning makes it stand out in a log. */
export function deploymentLines(config: DeploymentConfig, auth0Tenant?: string): string[] {
  const { environment, stytchProject, warning } = readDeployment(config)
  const facts = [`environment ${environment}`, `Stytch project ${stytchProject}`]
  if (auth0Tenant) facts.push(`Auth0 tenant ${auth0Tenant}`)
  const line = `Cutover: ${facts.join(', ')}`
  if (!warning) return [line]
  const frame = '!'.repeat(80)
  return [line, frame, `WARNING (${warning.code}): ${warning.text}`, frame]
}
