import 'server-only'
import { legacyProvider } from '../../legacy/configured-provider'
import { expireLegacyCookies } from '../../legacy/cookies'
import { assessCurrentRequest } from '../routing/current-request'
import { type CarryOverResult, carryOverInBrowser } from './carry-over-in-browser'
import { consumerTarget } from './consumer-target'

export type { CarryOverResult }

/** Migrates the legacy session of this request. Decides the verdict again, since anybody can post to a server action. */
export async function carryOverCurrentSession(): Promise<CarryOverResult> {
  const assessed = await assessCurrentRequest('page')
  if (assessed.verdict.lane === 'stytch') return { result: 'migrated', reason: 'stytch_session' }
  if (!assessed.verdict.migrate || assessed.legacy.state !== 'valid') {
    return { result: 'refused', reason: assessed.verdict.reason }
  }
  return carryOverInBrowser(assessed, assessed.legacy.session, {
    target: consumerTarget,
    login: legacyProvider(),
    expireLegacyCookies,
  })
}
