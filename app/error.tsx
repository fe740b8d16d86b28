'use client'

import { useEffect } from 'react'
import { Button } from './_ui/button'
import { Logo } from './_ui/logo'

type Props = { error: Error & { digest?: string }; reset: () => void }

/** The error page. It makes no requests, because the server may be the cause of the error. */
export default function ErrorPage({ error, reset }: Props) {
  useEffect(() => console.error(error), [error])
  return (
    <main className="mx-auto grid min-h-dvh max-w-md content-center px-4 py-14">
      <title>Error · Cutover</title>
      <Logo className="mb-6 w-12" />
      <h1 className="text-2xl">This page failed to load</h1>
      <p className="mt-3 text-quiet">
        The error is on our side. You are still signed in, and your saved data is safe. Try again.
        If the error stays, come back in a few minutes.
      </p>
      {error.digest && (
        <p className="mt-2 text-quiet text-sm">
          Error id for support: <code className="font-mono">{error.digest}</code>
        </p>
      )}
      <Button onClick={reset} className="mt-6 justify-self-start">
        Try again
      </Button>
    </main>
  )
}
