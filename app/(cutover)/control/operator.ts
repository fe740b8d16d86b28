import 'server-only'
import { headers } from 'next/headers'
import { forbidden } from 'next/navigation'
import { postedFrom, requireViewer, type Viewer } from '@/lib/viewer'

/**
 * Guards a page of the control room: everybody but an operator gets 403.
 * @param address the page's own path and query, see {@link requireViewer}
 * @returns false while the account cannot be looked up. The page then shows nothing: the person may be an operator.
 */
export async function operatorIsLooking(address: string): Promise<boolean> {
  const { account, isOperator } = await requireViewer(address)
  if (account && !isOperator) forbidden()
  return isOperator
}

/**
 * Guards an action of the control room, and every action calls it itself.
 * @param page where the operator is led back to when the address is not known
 * @returns the operator's e-mail address
 */
export async function requireOperator(page: string): Promise<string> {
  // Next compares `Origin` only where there is one. A browser that sends none still sends this header.
  const site = (await headers()).get('sec-fetch-site')
  if (site !== null && site !== 'same-origin' && site !== 'none') forbidden()
  const { account, isOperator }: Viewer = await requireViewer(await postedFrom(page))
  if (!isOperator || !account) forbidden()
  return account.email
}
