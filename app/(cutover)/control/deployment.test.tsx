import { renderToStaticMarkup } from 'react-dom/server'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { appEnvironment, stytchProject } from '@/sandbox/settings'

/** A fresh module for each test, because the settings are parsed once in a process. */
async function render(changes: Record<string, string>): Promise<string> {
  for (const [name, value] of Object.entries({ ...appEnvironment, ...changes })) {
    vi.stubEnv(name, value)
  }
  const { Deployment } = await import('./deployment')
  return renderToStaticMarkup(<Deployment />)
}

beforeEach(() => {
  vi.resetModules()
})
afterEach(() => {
  vi.unstubAllEnvs()
})

const own = { SANDBOX: 'false', STYTCH_API_URL: '', AUTH0_DOMAIN: 'tenant.eu.auth0.com' }

it('names the environment, the project and the tenant', async () => {
  const html = await render(own)
  for (const fact of ['test', stytchProject.projectId, 'tenant.eu.auth0.com']) {
    expect(html).toContain(`>${fact}<`)
  }
  expect(html).not.toContain('public address')
})

it('warns about test keys on a public https address, with what to do', async () => {
  const html = await render({ ...own, APP_BASE_URL: 'https://app.example.com' })
  expect(html).toContain('Test keys on a public address')
  expect(html).toContain('STYTCH_PROJECT_ENV=live')
})
