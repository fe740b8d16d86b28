/** Whether the product has consumers. A starter with teams only replaces this file: docs/one-audience.md. */
export const hasConsumers: boolean = true
