systemd-sysusers hublink.conf || :
systemd-tmpfiles --create hublink.conf || :
systemctl daemon-reload || :
systemctl try-restart 'hublink@*.service' || :
