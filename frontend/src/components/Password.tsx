/** The field of a password or a key: what is typed can be looked at. */
import { PasswordInput, type PasswordInputProps } from '@mantine/core'
import { useTranslation } from 'react-i18next'

/** As Mantine's, whose input itself does not say that it is wrong and whose eye the keyboard cannot reach. */
export function Password(props: PasswordInputProps) {
  const { t } = useTranslation('common')
  return (
    <PasswordInput
      {...props}
      aria-invalid={props.error ? true : undefined}
      visibilityToggleFocusable
      visibilityToggleButtonProps={{ 'aria-label': t('showTyped') }}
    />
  )
}
