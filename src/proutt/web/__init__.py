"""People judge suggestions on a local page (ProUtt, Appendix B-B.2): who judges what, the page, its server."""
