import { expect, it } from 'vitest'
import { appEnvironment } from '../../../../sandbox/settings.ts'
import { openTestDatabase } from '../../../db/testing'
import { importOrganizations } from '../organizations/import-organizations'
import { reconcile } from '../reconcile/reconcile'
import { undoRun } from '../undo/undo'
import { importRun } from './import'

it('writes nothing with live keys unless told to', async () => {
  Object.assign(process.env, appEnvironment, {
    SANDBOX: 'false',
    APP_BASE_URL: 'https://app.example.com',
    STYTCH_API_URL: '',
    STYTCH_PROJECT_ENV: 'live',
    STYTCH_PROJECT_ID: 'project-live-1',
    STYTCH_SECRET: 'secret-live-1',
    STYTCH_PUBLIC_TOKEN: 'public-token-live-1',
  })
  await openTestDatabase()
  const refused = { code: 'live_keys' }
  await expect(importRun({ runId: 'any' })).rejects.toMatchObject(refused)
  await expect(undoRun({ runId: 'any' })).rejects.toMatchObject(refused)
  await expect(importOrganizations()).rejects.toMatchObject(refused)
  await expect(reconcile({ runId: 'any', fix: 'only_at_auth0' })).rejects.toMatchObject(refused)
  // With the option, the next check is reached.
  const unknown = { code: 'run_unknown' }
  await expect(importRun({ runId: 'any', live: true })).rejects.toMatchObject(unknown)
  await expect(undoRun({ runId: 'any', live: true })).rejects.toMatchObject(unknown)
  await expect(reconcile({ runId: 'any' })).rejects.toMatchObject(unknown)
})
