'use client'

import dynamic from 'next/dynamic'
import { Spinner } from '@/app/_ui/spinner'
import type { PrebuiltProps } from './prebuilt-props'

// The SDK is several times larger than the rest of the page, so only this tab loads it.
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
