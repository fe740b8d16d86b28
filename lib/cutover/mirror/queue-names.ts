/** Jobs to do, and jobs that somebody must look at. */
export const mirrorQueue = 'mirror'
export const deadQueue = 'mirror-dead'
