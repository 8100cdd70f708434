export const workspace = {
  todo: 'To come',
} as const
