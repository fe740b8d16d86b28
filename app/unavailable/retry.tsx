'use client'

import { useEffect, useState } from 'react'
import { Button } from '@/app/_ui/button'
import { Spinner } from '@/app/_ui/spinner'

const pause = 5_000

/**
 * Asks again until the page that was wanted is there, and only then loads it: reloading blindly would take
 * the page away from whoever is reading it. This page stands at the address that was asked for.
 */
export function Retry() {
  const [isAsking, setIsAsking] = useState(false)
  useEffect(() => {
    let isGone = false
    let timer = setTimeout(ask, pause)
    async function ask() {
      setIsAsking(true)
      const status = await fetch(location.href, { method: 'HEAD', cache: 'no-store' })
        .then((response) => response.status)
        .catch(() => 503)
      if (isGone) return
      if (status < 500) return location.reload()
      setIsAsking(false)
      timer = setTimeout(ask, pause)
    }
    return () => {
      isGone = true
      clearTimeout(timer)
    }
  }, [])
  return (
    <form className="mt-5 grid gap-3">
      <Button
        type="submit"
        onClick={(event) => {
          // Without a script the form itself loads the page, but for its query.
          event.preventDefault()
          location.reload()
        }}
      >
        Try again
      </Button>
      <p className="flex min-h-5 items-center gap-2 text-quiet text-sm">
        {isAsking && <Spinner className="size-3.5" />}
        This page asks again by itself every few seconds.
      </p>
    </form>
  )
}
