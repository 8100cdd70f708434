export const lines = {
  todo: 'To come',
} as const
