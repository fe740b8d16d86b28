import 'server-only'
import { headers } from 'next/headers'
import { forbidden } from 'next/navigation'
import { operatorAddress, postedFrom, requireViewer, SessionUnchecked } from '@/lib/viewer'

/**
 * Guards a page of the control room. It answers 403 to signed-in users who are not operators.
 * @param address the page's own path and query
 * @returns false while the account cannot be looked up. The page then shows that the database is unavailable,
 * because a 403 could lock out an operator.
 */
export async function authorizeOperatorPage(address: string): Promise<boolean> {
  const { account, isOperator } = await requireViewer(address)
  if (account && !isOperator) forbidden()
  return isOperator
}

/**
 * Guards a server action of the control room, and returns the operator's proved email address.
 * @throws {SessionUnchecked} while the account cannot be looked up
 * @param page where the login leads back to when the action's own address is unknown
 */
export async function requireOperator(page: string): Promise<string> {
  // Next checks `Origin` only if the browser sends it. `Sec-Fetch-Site` covers requests without one.
  const site = (await headers()).get('sec-fetch-site')
  if (site !== null && site !== 'same-origin' && site !== 'none') forbidden()
  const viewer = await requireViewer(await postedFrom(page))
  // A 403 could lock out an operator while the account cannot be looked up.
  if (!viewer.account) throw new SessionUnchecked()
  return operatorAddress(viewer) ?? forbidden()
}
