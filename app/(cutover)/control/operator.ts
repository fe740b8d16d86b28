import 'server-only'
import { headers } from 'next/headers'
import { forbidden } from 'next/navigation'
import { requireViewer, type Viewer } from '@/lib/viewer'

/**
 * For a page of the control room: everybody but an operator is turned away.
 * @returns false while the account cannot be looked up: nobody can tell then who is an operator, which is no
 * reason to turn one away for good, and none to show anything
 */
export async function operatorIsLooking(page: string): Promise<boolean> {
  const { account, isOperator } = await requireViewer(page)
  if (account && !isOperator) forbidden()
  return isOperator
}

/** The same for an action, which needs to know who: the operator's address. Each action asks for itself. */
export async function requireOperator(page: string): Promise<string> {
  // Next compares `Origin` where there is one; a browser that sends none still says this.
  const site = (await headers()).get('sec-fetch-site')
  if (site !== null && site !== 'same-origin' && site !== 'none') forbidden()
  const { account, isOperator }: Viewer = await requireViewer(page)
  if (!isOperator || !account) forbidden()
  return account.email
}
