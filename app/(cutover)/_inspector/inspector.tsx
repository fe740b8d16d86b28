import { headers } from 'next/headers'
import type { ReactNode } from 'react'
import { LaneBadge } from '@/app/_ui/badge'
import { ChevronIcon } from '@/app/_ui/icons'
import { decodeTrace, type Trace, traceHeader } from '@/lib/request/trace'

/** Shows the middleware's trace of the current request. Sandbox only. */
export async function Inspector() {
  const trace = decodeTrace((await headers()).get(traceHeader))
  return (
    // `sticky` keeps it in the page flow, so it never covers the end of the page as `fixed` would.
    <aside
      aria-label="Request inspector"
      className="sticky bottom-0 z-10 border-line-strong/50 border-t bg-surface text-xs"
    >
      {trace ? (
        <details className="group mx-auto max-w-6xl">
          <summary className="flex min-h-10 list-none items-center gap-x-3 px-4 py-1.5 sm:px-6 [&::-webkit-details-marker]:hidden">
            <ChevronIcon className="size-4 shrink-0 text-quiet group-open:rotate-180" />
            <span className="font-medium">This request</span>
            <LaneBadge lane={trace.lane} />
            <span className="min-w-0 flex-1 truncate font-mono text-quiet max-sm:hidden">
              {trace.refusal ?? trace.reason}
            </span>
            <span className="ml-auto whitespace-nowrap text-quiet">
              {trace.microseconds.toLocaleString('en')} µs
              <span className="max-sm:sr-only"> in the middleware</span>
            </span>
          </summary>
          <Facts trace={trace} />
        </details>
      ) : (
        <p className="mx-auto max-w-6xl px-4 py-2.5 text-quiet sm:px-6">
          This request has no trace: the middleware did not decide a verdict for it.
        </p>
      )}
    </aside>
  )
}

function Facts({ trace }: { trace: Trace }) {
  return (
    <section
      // biome-ignore lint/a11y/noNoninteractiveTabindex: keyboard users must be able to scroll it
      tabIndex={0}
      aria-label="Trace"
      className="max-h-[55dvh] overflow-y-auto border-line border-t"
    >
      <dl className="grid grid-cols-[repeat(auto-fit,minmax(min(100%,13.5rem),1fr))] gap-x-8 gap-y-3 px-4 py-4 sm:px-6">
        <Fact name="Credentials">
          {trace.credentials.length > 0 ? trace.credentials.join(', ') : 'none'}
        </Fact>
        <Fact name="Issuer">{trace.issuer ?? 'none'}</Fact>
        <Fact name="Lane">{trace.lane}</Fact>
        <Fact name="Verdict" reason={trace.reason}>
          {trace.action}
          {trace.migrate && ', then migrate'}
          {trace.refreshed && ', after a refresh at Stytch'}
        </Fact>
        <Fact name="Refusal">{trace.refusal ?? 'none'}</Fact>
        <Fact name="Cohort" reason={trace.flowReason}>
          {trace.flow} flow
        </Fact>
        <Fact name="Policy version">
          {trace.policyVersion === 0 ? '0 (fallback)' : trace.policyVersion}
        </Fact>
        <Fact name="Request kind">{trace.kind}</Fact>
      </dl>
    </section>
  )
}

function Fact({ name, reason, children }: { name: string; reason?: string; children: ReactNode }) {
  return (
    <div className="min-w-0">
      <dt className="text-quiet">{name}</dt>
      <dd className="font-mono [overflow-wrap:anywhere]">
        {children}
        {reason && <span className="block text-quiet">reason: {reason}</span>}
      </dd>
    </div>
  )
}
