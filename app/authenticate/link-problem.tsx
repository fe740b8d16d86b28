import { buttonClass } from '@/app/_ui/button'
import { Card } from '@/app/_ui/card'
import { Notice } from '@/app/_ui/notice'
import type { FormState } from '@/app/form-state'

export type Problem = NonNullable<FormState['problem']>

/** Whether the link needs a PKCE verifier that the server does not have. The pre-built UI keeps it in the browser. */
export const needsVerifier = (problem: Problem | null): boolean =>
  problem?.code === 'pkce_expected_code_verifier' || problem?.code === 'pkce_mismatch'

const explanations: Record<string, { title: string; cause: string; next: string }> = {
  unable_to_auth_magic_link: {
    title: 'This link was already used or has expired',
    cause: 'Each link works once, within one hour. Some email programs open links automatically.',
    next: 'Get a new link, or use a code instead. Email programs cannot use up a code.',
  },
  magic_link_not_found: {
    title: 'This link is unknown',
    cause: 'It is incomplete, or a newer link has replaced it.',
    next: 'Open the link in the latest email, or get a new one.',
  },
  pkce_mismatch: {
    title: 'This link belongs to another browser',
    cause: 'For your security, a link works only in the browser that requested it.',
    next: 'Open it in that browser, or get a new link here.',
  },
}

/** Says why a link did not sign somebody in, and what to do. */
export function LinkProblem({ problem, login }: { problem: Problem; login: string }) {
  const explanation = explanations[needsVerifier(problem) ? 'pkce_mismatch' : problem.code]
  return (
    <>
      <h1 className="text-2xl">{explanation?.title ?? 'The link did not sign you in'}</h1>
      <Card>
        <Notice tone="problem" role="alert">
          {explanation?.cause ?? problem.message}
        </Notice>
        <p className="mt-4 text-quiet text-sm">
          {explanation?.next ?? 'Open the link in the email again, or get a new one.'}
        </p>
        <a href={login} className={buttonClass('primary', 'mt-5 w-full')}>
          Get a new link
        </a>
      </Card>
    </>
  )
}
