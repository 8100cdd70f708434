/** What a number is for: whether campaigns may call from it. */
import { Select, type SelectProps } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { components } from '@/api/schema'

export type Purpose = components['schemas']['PurposeEnum']

const PURPOSES: readonly Purpose[] = ['inbound', 'outbound', 'both']

/** `byItself`: may stay empty, and follows from whether an agent takes the number's calls. */
export function PurposeChoice({ byItself = false, ...props }: { byItself?: boolean } & SelectProps) {
  const { t } = useTranslation('lines')
  return (
    <Select
      label={t('use')}
      description={t('useHelp')}
      placeholder={byItself ? t('useByItself') : undefined}
      clearable={byItself}
      allowDeselect={byItself}
      {...props}
      data={PURPOSES.map((value) => ({ value, label: t(`purposeLong.${value}`) }))}
    />
  )
}
