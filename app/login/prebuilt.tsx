'use client'

import dynamic from 'next/dynamic'
import { Spinner } from '@/app/_ui/spinner'
import type { PrebuiltProps } from './prebuilt-props'

// The SDK weighs several times the rest of the page: only whoever opens this tab pays for it.
const PrebuiltLogin = dynamic(() => import('./prebuilt-login'), {
  ssr: false,
  loading: () => (
    <p role="status" className="flex items-center gap-2 text-quiet text-sm noscript:hidden">
      <Spinner />
      Loading Stytch’s pre-built UI…
    </p>
  ),
})

export function Prebuilt(props: PrebuiltProps) {
  return <PrebuiltLogin {...props} />
}
