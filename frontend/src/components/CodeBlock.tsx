/** Text of a program, to read and to copy. */
import { ActionIcon, Code, CopyButton } from '@mantine/core'
import { IconCheck, IconCopy } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import classes from './CodeBlock.module.css'

interface CodeBlockProps {
  text: string
  /** Of what it is: where several stand on a page. */
  label?: string
  /** In px; longer text is scrolled. */
  maxHeight?: number
}

export function CodeBlock({ text, label, maxHeight }: CodeBlockProps) {
  const { t } = useTranslation('common')
  return (
    <div className={classes.block}>
      {/* Reached by the keyboard, so that it can be scrolled. */}
      <Code block tabIndex={0} mah={maxHeight} {...(label ? { role: 'region', 'aria-label': label } : {})}>
        {text}
      </Code>
      <CopyButton value={text}>
        {({ copied, copy }) => (
          <ActionIcon
            className={classes.copy}
            variant="default"
            onClick={copy}
            aria-label={[copied ? t('copied') : t('copy'), label].filter(Boolean).join(': ')}
          >
            {copied ? <IconCheck size={16} /> : <IconCopy size={16} />}
          </ActionIcon>
        )}
      </CopyButton>
    </div>
  )
}
