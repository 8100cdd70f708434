import js from '@eslint/js'
import i18next from 'eslint-plugin-i18next'
import jsxA11y from 'eslint-plugin-jsx-a11y'
import reactHooks from 'eslint-plugin-react-hooks'
import ts from 'typescript-eslint'

const only = (message, ...group) => ({
  'no-restricted-imports': ['error', { patterns: [{ group, message }] }],
})

export default ts.config(
  { ignores: ['dist', 'node_modules', 'src/api/schema.d.ts', '*.cjs', 'public'] },
  js.configs.recommended,
  ...ts.configs.strict,
  jsxA11y.flatConfigs.recommended,
  reactHooks.configs.flat.recommended,
  {
    files: ['src/**/*.tsx'],
    plugins: { i18next },
    rules: { 'i18next/no-literal-string': ['error', { mode: 'jsx-text-only' }] },
  },
  {
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      // Mantine's inputs take the focus where a dialog or a page has one field to begin with.
      'jsx-a11y/no-autofocus': 'off',
    },
  },
  {
    files: ['src/features/**'],
    rules: only(
      'A feature imports neither another feature nor the app: only routes (src/app) combine them.',
      '@/features/*',
      '@/app/*',
      '../../*/**',
    ),
  },
  {
    files: ['src/components/**', 'src/api/**', 'src/theme/**'],
    rules: only('Shared code knows no feature and not the app.', '@/features/*', '@/app/*'),
  },
)
