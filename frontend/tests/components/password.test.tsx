import { MantineProvider } from '@mantine/core'
import { cleanup, render, screen } from '@testing-library/react'
import { afterEach, describe, expect, it } from 'vitest'
import { Password } from '../../src/components/Password'

afterEach(cleanup)

const shown = (error?: string) => {
  render(
    <MantineProvider>
      <Password label="Password" description="Ten characters" error={error} />
    </MantineProvider>,
  )
  return screen.getByLabelText('Password')
}

const described = (input: HTMLElement) =>
  (input.getAttribute('aria-describedby') ?? '')
    .split(/\s+/)
    .filter(Boolean)
    .map((id) => document.getElementById(id)?.textContent)

describe('the field of a password', () => {
  it('says itself that it is wrong, and why', () => {
    const input = shown('Too short')
    expect(input.getAttribute('aria-invalid')).toBe('true')
    expect(described(input)).toEqual(expect.arrayContaining(['Too short', 'Ten characters']))
  })

  it('says nothing of the kind when it is right', () => {
    const input = shown()
    expect(input.hasAttribute('aria-invalid')).toBe(false)
    expect(described(input)).toEqual(['Ten characters'])
  })

  it('shows what is typed to who uses the keyboard', () => {
    shown()
    const eye = screen.getByRole('button', { name: 'Show what is typed' })
    expect(eye.tabIndex).toBe(0)
  })
})
