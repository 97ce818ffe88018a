"""Email: mailboxes are read by IMAP, or mail servers hand mail over by LMTP; answers leave by SMTP."""
