/** As lenient as both services: `o!brien@example.com` and `user/dept@example.com` are addresses. */
export const emailPattern = /^[^\s@]+@[^\s@]+\.[^\s@]+$/
