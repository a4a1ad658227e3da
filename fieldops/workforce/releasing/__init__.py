"""The rules by which people may work and sign: release, company approvals, access to places, rest."""
