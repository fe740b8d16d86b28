'use client'

import { useEffect } from 'react'
import { Button } from './_ui/button'
import { Mark } from './_ui/mark'

type Props = { error: Error & { digest?: string }; reset: () => void }

/** What is left when a page breaks: nothing here asks the server for anything. */
export default function ErrorPage({ error, reset }: Props) {
  useEffect(() => console.error(error), [error])
  return (
    <main className="mx-auto grid min-h-dvh max-w-md content-center px-4 py-14">
      <title>Something broke · Cutover</title>
      <Mark className="mb-6 w-12" />
      <h1 className="text-2xl">Something broke on our side</h1>
      <p className="mt-3 text-quiet">
        You have not been signed out, and nothing that was saved is lost. Try again; if it happens
        again, come back in a few minutes.
      </p>
      {error.digest && (
        <p className="mt-2 text-quiet text-sm">
          For whoever looks into it: <code className="font-mono">{error.digest}</code>
        </p>
      )}
      <Button onClick={reset} className="mt-6 justify-self-start">
        Try again
      </Button>
    </main>
  )
}
