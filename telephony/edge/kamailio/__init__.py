"""The SIP edge: a Kamailio whose configuration and tables are rendered from trunks and live nodes."""
