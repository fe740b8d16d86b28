import 'server-only'
import { headers } from 'next/headers'
import { forbidden } from 'next/navigation'
import { requireViewer, type Viewer } from '@/lib/viewer'

/**
 * Guards a page of the control room. It answers 403 to signed-in users who are not operators.
 * @returns false while the account cannot be looked up. The page then shows that the database is unavailable,
 * because a 403 could lock out an operator.
 */
export async function authorizeOperatorPage(page: string): Promise<boolean> {
  const { account, isOperator } = await requireViewer(page)
  if (account && !isOperator) forbidden()
  return isOperator
}

/** Guards a server action of the control room, and returns the operator's email address. */
export async function requireOperator(page: string): Promise<string> {
  // Next checks `Origin` only if the browser sends it. `Sec-Fetch-Site` covers requests without one.
  const site = (await headers()).get('sec-fetch-site')
  if (site !== null && site !== 'same-origin' && site !== 'none') forbidden()
  const { account, isOperator }: Viewer = await requireViewer(page)
  if (!isOperator || !account) forbidden()
  return account.email
}
