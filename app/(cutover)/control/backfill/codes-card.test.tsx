import { renderToStaticMarkup } from 'react-dom/server'
import { afterEach, expect, it, vi } from 'vitest'
import { settledText } from '@/lib/cutover/backfill/code-texts'
import { appEnvironment, inHouseEnvironment } from '@/sandbox/settings'

afterEach(() => {
  vi.unstubAllEnvs()
})

it('names the legacy provider by the configuration', async () => {
  const environment = { ...appEnvironment, ...inHouseEnvironment }
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value)
  // A fresh module, because the settings are parsed once in a process.
  vi.resetModules()
  const { CodeList } = await import('./codes-card')
  const code = 'email_unverified'
  const html = renderToStaticMarkup(
    <CodeList codes={[{ code, count: 1, text: settledText(code) }]} />,
  )
  expect(html).toContain('Cutover ID no longer calls the address verified.')
})
