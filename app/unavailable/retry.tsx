'use client'

import { useEffect, useState } from 'react'
import { Button } from '@/app/_ui/button'
import { Spinner } from '@/app/_ui/spinner'

const retryMilliseconds = 5_000

/**
 * Polls the current address, and reloads it once the server answers. Reloading on a timer would interrupt the
 * user's reading.
 */
export function Retry() {
  const [isPolling, setIsPolling] = useState(false)
  useEffect(() => {
    let isUnmounted = false
    let timer = setTimeout(poll, retryMilliseconds)
    async function poll() {
      setIsPolling(true)
      const status = await fetch(location.href, { method: 'HEAD', cache: 'no-store' })
        .then((response) => response.status)
        .catch(() => 503)
      if (isUnmounted) return
      if (status < 500) return location.reload()
      setIsPolling(false)
      timer = setTimeout(poll, retryMilliseconds)
    }
    return () => {
      isUnmounted = true
      clearTimeout(timer)
    }
  }, [])
  return (
    <form className="mt-5 grid gap-3">
      <Button
        type="submit"
        onClick={(event) => {
          // Without JavaScript the form reloads the page, but it drops the query.
          event.preventDefault()
          location.reload()
        }}
      >
        Try again
      </Button>
      <p className="flex min-h-5 items-center gap-2 text-quiet text-sm">
        {isPolling && <Spinner className="size-3.5" />}
        This page retries automatically every 5 seconds.
      </p>
    </form>
  )
}
