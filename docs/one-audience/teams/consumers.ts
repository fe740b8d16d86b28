/** The product has only teams. */
export const hasConsumers: boolean = false
