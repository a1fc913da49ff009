"""cloud-init's Ec2 data source, for a machine of the local cloud."""

from cloudinit import sources
from cloudinit.sources import DataSourceEc2 as ec2


class DataSourceLocalCloud(ec2.DataSourceEc2):
    """
    The Ec2 data source knows EC2 by the computer's DMI, which a container does not have, and would ask for no token.
    It asks once the network is up, since there is no DHCP before.
    """

    def _get_cloud_name(self):
        return ec2.CloudNames.AWS


def get_datasource_list(depends):
    needs = (sources.DEP_FILESYSTEM, sources.DEP_NETWORK)
    return sources.list_from_depends(depends, [(DataSourceLocalCloud, needs)])
